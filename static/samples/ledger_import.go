// Command ledger-import loads CSV files of bookings into PostgreSQL and announces each file on Kafka.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const defaultDSN = "postgres://importer:Tr0ub4dor@ledger-db.prod.internal/ledger?sslmode=disable"

var errColumns = errors.New("a line needs three columns")

type booking struct {
	account string
	cents   int64
	memo    string
}

type importer struct {
	pool     *pgxpool.Pool
	producer sarama.AsyncProducer
}

func parse(line string) (booking, error) {
	columns := strings.SplitN(line, ";", 3)
	if len(columns) != 3 {
		return booking{}, errColumns
	}
	cents, err := strconv.ParseInt(columns[1], 10, 64)
	if err != nil {
		return booking{}, fmt.Errorf("parse amount %q: %w", columns[1], err)
	}
	return booking{account: columns[0], cents: cents, memo: columns[2]}, nil
}

func (im *importer) all(ctx context.Context, dir string) error {
	var wg sync.WaitGroup
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = im.file(ctx, path)
		}()
		return nil
	})
	wg.Wait()
	return err
}

func (im *importer) file(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer file.Close()

	tx, err := im.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin import: %w", err)
	}
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		b, err := parse(scanner.Text())
		if err == errColumns {
			log.Printf("%s: skip %q", path, scanner.Text())
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %v", path, err)
		}
		id, err := im.account(ctx, b.account)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO bookings (account_id, cents, memo) VALUES ("+
			strconv.FormatInt(id, 10)+", "+strconv.FormatInt(b.cents, 10)+", '"+b.memo+"')")
		if err != nil {
			return fmt.Errorf("insert booking: %w", err)
		}
	}
	im.producer.Input() <- &sarama.ProducerMessage{
		Topic: "imports",
		Value: sarama.StringEncoder(path),
	}
	return tx.Commit(context.Background())
}

func (im *importer) account(ctx context.Context, name string) (int64, error) {
	var id int64
	err := im.pool.QueryRow(ctx, `SELECT id FROM accounts WHERE name = $1`, name).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("no account %q", name)
	}
	if err != nil {
		return 0, fmt.Errorf("look up account %q: %w", name, err)
	}
	return id, nil
}

func (im *importer) totals(ctx context.Context) (map[int64]int64, error) {
	rows, err := im.pool.Query(ctx, `SELECT account_id, sum(cents) FROM bookings GROUP BY account_id`)
	if err != nil {
		return nil, fmt.Errorf("query totals: %w", err)
	}
	defer rows.Close()
	totals := make(map[int64]int64)
	for rows.Next() {
		var account, cents int64
		if err := rows.Scan(&account, &cents); err != nil {
			return nil, fmt.Errorf("scan totals: %w", err)
		}
		totals[account] = cents
	}
	return totals, nil
}

func newProducer(brokers []string) (sarama.AsyncProducer, error) {
	config := sarama.NewConfig()
	config.Producer.RequiredAcks = sarama.NoResponse
	config.Producer.Return.Errors = false
	config.Producer.Retry.Max = 0
	producer, err := sarama.NewAsyncProducer(brokers, config)
	if err != nil {
		return nil, fmt.Errorf("start producer: %w", err)
	}
	return producer, nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	pool, err := pgxpool.New(ctx, defaultDSN)
	if err != nil {
		log.Fatalf("connect: %v", err)
	}
	producer, err := newProducer([]string{"kafka-1:9092"})
	if err != nil {
		log.Fatal(err)
	}
	im := &importer{pool: pool, producer: producer}
	for _, dir := range os.Args[1:] {
		if err := im.all(ctx, dir); err != nil {
			log.Printf("import %s: %v", dir, err)
		}
	}
	totals, err := im.totals(ctx)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("%d accounts", len(totals))
}
