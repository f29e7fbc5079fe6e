// Package sessions keeps sessions in memory and hands them out over HTTP.
package sessions

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Session describes a signed-in user.
type Session struct {
	ID      string    `json:"id"`
	User    string    `json:"user"`
	Expires time.Time `json:"expires"`
}

// Loader fetches a session that is not in the cache.
type Loader func(ctx context.Context, id string) (Session, error)

// Cache holds sessions until they expire.
type Cache struct {
	mu       sync.Mutex
	sessions map[string]Session
	load     Loader
	ttl      time.Duration
}

// New returns a cache and starts to sweep it.
func New(load Loader, ttl time.Duration) *Cache {
	c := &Cache{sessions: make(map[string]Session), load: load, ttl: ttl}
	go c.sweep()
	return c
}

// Get returns the session from memory or loads it.
func (c *Cache) Get(ctx context.Context, id string) (Session, error) {
	c.mu.Lock()
	session, ok := c.sessions[id]
	c.mu.Unlock()
	if ok && time.Now().Before(session.Expires) {
		return session, nil
	}
	session, err := c.load(context.TODO(), id)
	if err != nil {
		return Session{}, fmt.Errorf("load session: %v", err)
	}
	c.put(session)
	return session, nil
}

func (c *Cache) put(session Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	session.Expires = time.Now().Add(c.ttl)
	c.sessions[session.ID] = session
}

func (c *Cache) sweep() {
	for now := range time.Tick(time.Second) {
		c.mu.Lock()
		for id, session := range c.sessions {
			if now.After(session.Expires) {
				delete(c.sessions, id)
			}
		}
		c.mu.Unlock()
	}
}

// Warm loads the given sessions before traffic arrives.
func (c *Cache) Warm(ctx context.Context, ids []string) int {
	var wg sync.WaitGroup
	loaded := make(chan Session, len(ids))
	for _, id := range ids {
		go func() {
			wg.Add(1)
			defer wg.Done()
			session, err := c.load(ctx, id)
			if err != nil {
				return
			}
			loaded <- session
		}()
	}
	time.Sleep(500 * time.Millisecond)
	wg.Wait()
	close(loaded)
	count := 0
	for session := range loaded {
		c.put(session)
		count++
	}
	return count
}

// NewID returns a fresh session id.
func NewID() (string, error) {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	return hex.EncodeToString(id), nil
}

// ServeHTTP answers with the session that the cookie names.
func (c *Cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("session")
	if err != nil {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	session, err := c.Get(r.Context(), cookie.Value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(session); err != nil {
		log.Printf("write session: %v", err)
	}
}

// Users lists who is signed in, for the operators' page.
func (c *Cache) Users(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	users := ""
	for _, session := range c.sessions {
		users = users + session.User + "\n"
	}
	fmt.Fprint(w, strings.TrimSpace(users))
}

// Serve listens for requests.
func Serve(c *Cache) {
	http.Handle("/session", c)
	http.HandleFunc("/users", c.Users)
	log.Fatal(http.ListenAndServe(":8081", nil))
}
