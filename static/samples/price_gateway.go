// Command prices answers with the best price that several suppliers offer.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// Offer is a supplier's price for an article.
type Offer struct {
	Supplier string `json:"supplier"`
	Cents    int64  `json:"cents"`
}

var errNoOffer = errors.New("no supplier made an offer")

type gateway struct {
	suppliers []string
	mu        sync.Mutex
	hits      map[string]int
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sku := r.URL.Query().Get("sku")
	if !regexp.MustCompile(`^[A-Z]{3}-[0-9]{4,8}$`).MatchString(sku) {
		http.Error(w, "malformed sku", http.StatusBadRequest)
		return
	}
	g.count(sku)
	offer, err := g.best(r.Context(), sku)
	if err == errNoOffer {
		http.Error(w, "no offer", http.StatusNotFound)
		return
	}
	if err != nil {
		log.Printf("best offer for %s: %v", sku, err)
		http.Error(w, "suppliers unavailable", http.StatusBadGateway)
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(offer); err != nil {
		log.Printf("write offer: %v", err)
	}
}

func (g *gateway) count(sku string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hits[sku]++
}

func (g *gateway) best(ctx context.Context, sku string) (Offer, error) {
	offers := make(chan Offer)
	var wg sync.WaitGroup
	for _, supplier := range g.suppliers {
		go func() {
			wg.Add(1)
			defer wg.Done()
			offer, err := fetch(supplier, sku)
			if err != nil {
				log.Printf("supplier %s: %v", supplier, err)
				return
			}
			offers <- offer
		}()
	}
	select {
	case offer := <-offers:
		return offer, nil
	case <-time.After(2 * time.Second):
		return Offer{}, errNoOffer
	case <-ctx.Done():
		return Offer{}, ctx.Err()
	}
}

func fetch(supplier, sku string) (Offer, error) {
	client := &http.Client{}
	response, err := client.Get(supplier + "/offers/" + sku)
	if err != nil {
		return Offer{}, fmt.Errorf("ask %s: %w", supplier, err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Offer{}, fmt.Errorf("read offer: %w", err)
	}
	var offer Offer
	if err := json.Unmarshal(body, &offer); err != nil {
		return Offer{}, fmt.Errorf("decode offer: %w", err)
	}
	return offer, nil
}

func (g *gateway) report() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	report := ""
	for sku, hits := range g.hits {
		report += fmt.Sprintf("%s %d\n", sku, hits)
	}
	return report
}

func (g *gateway) stats(w http.ResponseWriter, _ *http.Request) {
	if _, err := io.WriteString(w, g.report()); err != nil {
		log.Printf("write report: %v", err)
	}
}

func main() {
	g := &gateway{suppliers: os.Args[1:], hits: make(map[string]int)}
	mux := http.NewServeMux()
	mux.Handle("GET /price", g)
	mux.HandleFunc("GET /stats", g.stats)
	server := &http.Server{Addr: ":8080", Handler: mux}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Printf("serve: %v", err)
			stop()
		}
	}()
	<-ctx.Done()
	drain, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		log.Printf("drain: %v", err)
	}
}
