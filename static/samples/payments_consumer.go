// Command payments reads payment events from Kafka and books them in PostgreSQL.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/segmentio/kafka-go"
)

// Payment is one event of the payments topic.
type Payment struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Cents   int64     `json:"cents"`
	At      time.Time `json:"at"`
}

type booker struct {
	db     *sql.DB
	reader *kafka.Reader
	writer *kafka.Writer
}

func newBooker(db *sql.DB, brokers []string) *booker {
	return &booker{
		db: db,
		reader: kafka.NewReader(kafka.ReaderConfig{
			Brokers: brokers,
			GroupID: "booking",
			Topic:   "payments",
			MaxWait: 500 * time.Millisecond,
		}),
		writer: &kafka.Writer{
			Addr:         kafka.TCP(brokers...),
			Topic:        "bookings",
			RequiredAcks: kafka.RequireNone,
			Async:        true,
		},
	}
}

func (b *booker) run(ctx context.Context) {
	for {
		message, err := b.reader.ReadMessage(ctx)
		if err != nil {
			log.Printf("read payment: %v", err)
			continue
		}
		var payment Payment
		if err := json.Unmarshal(message.Value, &payment); err != nil {
			log.Printf("skip malformed payment at offset %d: %v", message.Offset, err)
			continue
		}
		if err := b.book(ctx, payment); err != nil {
			log.Printf("book payment %s: %v", payment.ID, err)
		}
	}
}

func (b *booker) replay(ctx context.Context, handle func(Payment) error) error {
	for {
		message, err := b.reader.FetchMessage(ctx)
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("fetch payment: %w", err)
		}
		if err := b.reader.CommitMessages(ctx, message); err != nil {
			return fmt.Errorf("commit offset %d: %w", message.Offset, err)
		}
		var payment Payment
		if err := json.Unmarshal(message.Value, &payment); err != nil {
			return fmt.Errorf("decode payment at offset %d: %w", message.Offset, err)
		}
		if err := handle(payment); err != nil {
			return fmt.Errorf("replay payment %s: %w", payment.ID, err)
		}
	}
}

func (b *booker) book(ctx context.Context, payment Payment) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin booking: %w", err)
	}
	_, err = tx.ExecContext(ctx,
		`INSERT INTO bookings (payment_id, account, cents) VALUES ($1, $2, $3)`,
		payment.ID, payment.Account, payment.Cents)
	if err != nil {
		return fmt.Errorf("insert booking: %w", err)
	}
	err = b.writer.WriteMessages(ctx, kafka.Message{
		Key:   []byte(payment.Account),
		Value: []byte(payment.ID),
	})
	if err != nil {
		return fmt.Errorf("publish booking: %w", err)
	}
	_, err = tx.QueryContext(ctx, `UPDATE balances SET cents = cents + $1 WHERE account = $2`, payment.Cents, payment.Account)
	if err != nil {
		return fmt.Errorf("update balance: %v", err)
	}
	return tx.Commit()
}

func (b *booker) unbooked(ctx context.Context, since time.Time) ([]string, error) {
	rows, err := b.db.QueryContext(ctx, `SELECT id FROM payments WHERE booked IS NULL AND at > $1`, since)
	if err != nil {
		return nil, fmt.Errorf("query unbooked: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("scan unbooked: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read unbooked: %w", err)
	}
	return ids, nil
}

func (b *booker) overdue(ctx context.Context) (int, error) {
	rows, err := b.db.QueryContext(ctx, `SELECT id FROM bookings WHERE settled IS NULL`)
	if err != nil {
		return 0, fmt.Errorf("query overdue: %w", err)
	}
	defer rows.Close()
	count := 0
	for rows.Next() {
		count++
	}
	return count, nil
}

func main() {
	dsn := os.Getenv("BOOKING_DSN")
	if dsn == "" {
		dsn = "postgres://booking@pg.payments.internal:5432/booking?sslmode=disable"
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		log.Fatalf("open database: %v", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	newBooker(db, []string{"kafka-1:9092", "kafka-2:9092"}).run(ctx)
}
