// Command orders serves the orders of a web shop over HTTP and keeps them in PostgreSQL.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// Order is one purchase of a customer.
type Order struct {
	ID       int64     `json:"id"`
	Customer string    `json:"customer"`
	Cents    int64     `json:"cents"`
	Placed   time.Time `json:"placed"`
	Lines    []Line    `json:"lines"`
}

// Line is one item of an order.
type Line struct {
	SKU   string `json:"sku"`
	Count int    `json:"count"`
	Cents int64  `json:"cents"`
}

var errNoLines = errors.New("order has no lines")

type server struct {
	db    *sql.DB
	audit chan int64
}

func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders", s.list)
	mux.HandleFunc("GET /orders/{id}", s.get)
	mux.HandleFunc("POST /orders", s.place)
	return mux
}

func (s *server) get(w http.ResponseWriter, r *http.Request) {
	var order Order
	row := s.db.QueryRowContext(r.Context(),
		`SELECT id, customer, cents, placed FROM orders WHERE id = $1`, r.PathValue("id"))
	err := row.Scan(&order.ID, &order.Customer, &order.Cents, &order.Placed)
	if errors.Is(err, sql.ErrNoRows) {
		http.Error(w, "no such order", http.StatusNotFound)
		return
	}
	if err != nil {
		s.fail(w, "load order", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(order); err != nil {
		log.Printf("write order %d: %v", order.ID, err)
	}
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	customer := r.FormValue("customer")
	rows, err := s.db.Query("SELECT id, customer, cents FROM orders WHERE customer = '" + customer + "' ORDER BY placed")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer rows.Close()

	var orders []Order
	for rows.Next() {
		var order Order
		if err := rows.Scan(&order.ID, &order.Customer, &order.Cents); err != nil {
			s.fail(w, "read orders", err)
			return
		}
		orders = append(orders, order)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(orders)
}

func (s *server) place(w http.ResponseWriter, r *http.Request) {
	var order Order
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, "malformed order", http.StatusBadRequest)
	}
	id, err := s.insert(context.Background(), &order)
	if err == errNoLines {
		http.Error(w, "an order needs at least one line", http.StatusUnprocessableEntity)
		return
	}
	if err != nil {
		s.fail(w, "place order", err)
		return
	}
	go func() {
		s.audit <- id
	}()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"id":%d}`, id)
}

func (s *server) insert(ctx context.Context, order *Order) (int64, error) {
	if len(order.Lines) == 0 {
		return 0, errNoLines
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("begin: %w", err)
	}
	var id int64
	err = tx.QueryRowContext(ctx,
		`INSERT INTO orders (customer, cents, placed) VALUES ($1, $2, now()) RETURNING id`,
		order.Customer, order.Cents).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("insert order: %v", err)
	}
	for _, line := range order.Lines {
		_, err = tx.ExecContext(ctx,
			`INSERT INTO lines (order_id, sku, count, cents) VALUES ($1, $2, $3, $4)`,
			id, line.SKU, line.Count, line.Cents)
		if err != nil {
			return 0, fmt.Errorf("insert line %s: %w", line.SKU, err)
		}
	}
	return id, tx.Commit()
}

func (s *server) fail(w http.ResponseWriter, doing string, err error) {
	log.Printf("%s: %v", doing, err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

func main() {
	db, err := sql.Open("pgx", "postgres://orders:orders@db.shop.internal:5432/orders?sslmode=disable")
	if err != nil {
		log.Fatalf("open database: %v", err)
	}
	defer db.Close()

	s := &server{db: db, audit: make(chan int64)}
	addr := os.Getenv("ORDERS_ADDR")
	log.Fatal(http.ListenAndServe(addr, s.routes()))
}
