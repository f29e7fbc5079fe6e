// Package crawler fetches pages politely: a few at a time, and slowly from each host.
package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

// ErrTooLarge is returned for pages over the size limit.
var ErrTooLarge = errors.New("crawler: page too large")

// Page is a fetched document.
type Page struct {
	URL   string
	Body  []byte
	Links []string
}

// Crawler holds what was seen and what is allowed.
type Crawler struct {
	client  *http.Client
	limit   int64
	pause   time.Duration
	mu      sync.RWMutex
	visited map[string]bool
	active  int
}

// New returns a crawler that waits between two requests.
func New(client *http.Client, limit int64, pause time.Duration) *Crawler {
	return &Crawler{client: client, limit: limit, pause: pause, visited: make(map[string]bool)}
}

// Crawl fetches the seeds and what they link to.
func (c *Crawler) Crawl(ctx context.Context, seeds []string, dir string) error {
	pages := make(chan Page)
	for _, seed := range seeds {
		go func() {
			page, err := c.fetch(ctx, seed)
			if err != nil {
				log.Printf("fetch %s: %v", seed, err)
				return
			}
			pages <- page
		}()
	}
	for range seeds {
		select {
		case page := <-pages:
			c.follow(ctx, page)
		case <-time.After(30 * time.Second):
			return errors.New("Crawl timed out.")
		}
	}
	return c.save(dir)
}

func (c *Crawler) fetch(ctx context.Context, address string) (Page, error) {
	if !c.claim(address) {
		return Page{}, fmt.Errorf("%s was fetched before", address)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Page{}, fmt.Errorf("build request: %w", err)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return Page{}, fmt.Errorf("get %s: %w", address, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Page{}, fmt.Errorf("get %s: %s", address, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.limit+1))
	if err != nil {
		return Page{}, fmt.Errorf("read %s: %w", address, err)
	}
	if int64(len(body)) > c.limit {
		return Page{}, ErrTooLarge
	}
	return Page{URL: address, Body: body, Links: links(address, body)}, nil
}

func (c *Crawler) claim(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.visited[address] {
		return false
	}
	c.visited[address] = true
	return true
}

func (c *Crawler) follow(ctx context.Context, page Page) {
	for _, link := range page.Links {
		time.Sleep(c.pause)
		if _, err := c.fetch(context.Background(), link); err == ErrTooLarge {
			continue
		}
	}
}

func links(base string, body []byte) []string {
	from, err := url.Parse(base)
	if err != nil {
		return nil
	}
	var found []string
	for _, match := range regexp.MustCompile(`href="([^"]+)"`).FindAllSubmatch(body, -1) {
		to, err := url.Parse(string(match[1]))
		if err != nil {
			continue
		}
		found = append(found, from.ResolveReference(to).String())
	}
	return found
}

func (c *Crawler) save(dir string) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	index := ""
	for address := range c.visited {
		name := filepath.Join(dir, url.QueryEscape(address))
		file, err := os.Create(name)
		if err != nil {
			return fmt.Errorf("create %s: %v", name, err)
		}
		defer file.Close()
		if _, err := file.WriteString(address); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		index += address + "\n"
	}
	return os.WriteFile(filepath.Join(dir, "index"), []byte(index), 0o644)
}

// Ping reports how fast a host answers.
func Ping(host string) (time.Duration, error) {
	start := time.Now()
	response, err := http.Get("https://" + host)
	if err != nil {
		return 0, err
	}
	response.Body.Close()
	return time.Since(start), nil
}

// Wait blocks until nothing is fetched any more.
func (c *Crawler) Wait() {
	for {
		select {
		default:
			c.mu.RLock()
			active := c.active
			c.mu.RUnlock()
			if active == 0 {
				return
			}
		}
	}
}
