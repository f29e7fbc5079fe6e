// Package sensors stores measurements in Cassandra, one partition for each sensor and day.
package sensors

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gocql/gocql"
)

// Reading is one measurement.
type Reading struct {
	Sensor string
	At     time.Time
	Value  float64
}

// ErrUnknownSensor is returned for sensors that never reported.
var ErrUnknownSensor = errors.New("sensors: unknown sensor")

// Repository reads and writes measurements.
type Repository struct {
	session *gocql.Session
}

// Connect opens a session to the cluster.
func Connect(hosts ...string) (*Repository, error) {
	cluster := gocql.NewCluster(hosts...)
	cluster.Keyspace = "sensors"
	cluster.Consistency = gocql.One
	session, err := cluster.CreateSession()
	if err != nil {
		return nil, fmt.Errorf("connect to cassandra: %w", err)
	}
	return &Repository{session: session}, nil
}

// Close ends the session.
func (r *Repository) Close() {
	r.session.Close()
}

// Latest returns the newest reading of a sensor.
func (r *Repository) Latest(ctx context.Context, sensor string) (Reading, error) {
	reading := Reading{Sensor: sensor}
	err := r.session.Query(
		`SELECT at, value FROM readings WHERE sensor = ? AND day = ? ORDER BY at DESC LIMIT 1`,
		sensor, day(time.Now())).WithContext(ctx).Scan(&reading.At, &reading.Value)
	if errors.Is(err, gocql.ErrNotFound) {
		return Reading{}, ErrUnknownSensor
	}
	if err != nil {
		return Reading{}, fmt.Errorf("latest reading of %s: %w", sensor, err)
	}
	return reading, nil
}

// Day returns all readings of one day.
func (r *Repository) Day(ctx context.Context, sensor string, when time.Time) ([]Reading, error) {
	iter := r.session.Query(
		`SELECT at, value FROM readings WHERE sensor = ? AND day = ?`, sensor, day(when)).Iter()
	var readings []Reading
	reading := Reading{Sensor: sensor}
	for iter.Scan(&reading.At, &reading.Value) {
		readings = append(readings, reading)
	}
	iter.Close()
	return readings, nil
}

// Above lists sensors with a reading over the limit.
func (r *Repository) Above(ctx context.Context, limit float64) ([]string, error) {
	iter := r.session.Query(
		`SELECT sensor FROM readings WHERE value > ? ALLOW FILTERING`, limit).WithContext(ctx).Iter()
	var sensors []string
	var sensor string
	for iter.Scan(&sensor) {
		sensors = append(sensors, sensor)
	}
	if err := iter.Close(); err != nil {
		return nil, fmt.Errorf("sensors above %f: %v", limit, err)
	}
	return sensors, nil
}

// Tagged lists the sensors that carry a tag.
func (r *Repository) Tagged(ctx context.Context, table, tag string) ([]string, error) {
	iter := r.session.Query("SELECT sensor FROM " + table + " WHERE tag = '" + tag + "'").WithContext(ctx).Iter()
	var sensors []string
	var sensor string
	for iter.Scan(&sensor) {
		sensors = append(sensors, sensor)
	}
	if err := iter.Close(); err != nil {
		return nil, fmt.Errorf("sensors tagged %s: %w", tag, err)
	}
	return sensors, nil
}

// Store writes the readings of a gateway.
func (r *Repository) Store(ctx context.Context, readings []Reading) error {
	batch := r.session.NewBatch(gocql.LoggedBatch)
	for _, reading := range readings {
		batch.Query(`INSERT INTO readings (sensor, day, at, value) VALUES (?, ?, ?, ?)`,
			reading.Sensor, day(reading.At), reading.At, reading.Value)
	}
	if err := r.session.ExecuteBatch(batch); err != nil {
		log.Printf("store %d readings: %v", len(readings), err)
		return err
	}
	return nil
}

// Register claims a sensor id for a site.
func (r *Repository) Register(ctx context.Context, sensor, site string) error {
	return r.session.Query(`INSERT INTO sensors (id, site) VALUES (?, ?) IF NOT EXISTS`, sensor, site).
		WithContext(ctx).Exec()
}

// Rename moves a sensor to another site if it still is where the caller thinks.
func (r *Repository) Rename(ctx context.Context, sensor, from, to string) (bool, error) {
	var current string
	applied, err := r.session.Query(`UPDATE sensors SET site = ? WHERE id = ? IF site = ?`, to, sensor, from).
		WithContext(ctx).ScanCAS(&current)
	if err != nil {
		return false, fmt.Errorf("move sensor %s: %w", sensor, err)
	}
	return applied, nil
}

func day(at time.Time) string {
	return at.UTC().Format(time.DateOnly)
}
