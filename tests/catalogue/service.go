// Command signup takes registrations and tells other services of them.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

type signup struct {
	db     *sql.DB
	notify []string
}

func (s *signup) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 30)
	defer cancel()
	name := r.PathValue("name")
	if err := s.store(ctx, name); err != nil {
		log.Printf("store %s: %v", name, err)
		http.Error(w, "cannot store the registration", http.StatusInternalServerError)
		return
	}
	s.tell(name)
	w.WriteHeader(http.StatusCreated)
}

func (s *signup) store(ctx context.Context, name string) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO users (name, joined, source) VALUES ($1, $2, $3)`, name, time.Now())
	if err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	return nil
}

func (s *signup) tell(name string) {
	var wg sync.WaitGroup
	for _, address := range s.notify {
		go func() {
			wg.Add(1)
			defer wg.Done()
			response, err := http.Post(address, "text/plain", bytes.NewBufferString(name))
			if err != nil {
				log.Printf("tell %s: %v", address, err)
				return
			}
			defer response.Body.Close()
		}()
	}
	wg.Wait()
}

func main() {
	db, err := sql.Open("pgx", os.Getenv("SIGNUP_DSN"))
	if err != nil {
		log.Fatalf("open database: %v", err)
	}
	db.SetMaxOpenConns(20)
	db.SetConnMaxLifetime(time.Hour)
	mux := http.NewServeMux()
	mux.Handle("POST /users/{name}", &signup{db: db, notify: os.Args[1:]})
	server := &http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	if err := server.ListenAndServe(); err != nil {
		log.Printf("serve: %v", err)
	}
}
