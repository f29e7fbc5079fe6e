// Package pool runs jobs on a fixed number of goroutines.
package pool

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"time"
)

// ErrStopped is returned by Submit once the pool takes no more jobs.
var ErrStopped = errors.New("pool: stopped")

// Job is a piece of work.
type Job interface {
	Name() string
	Run(ctx context.Context) error
}

// Stats counts what a pool has done.
type Stats struct {
	sync.Mutex
	Done   int
	Failed map[string]int
}

// Pool hands jobs to its workers.
type Pool struct {
	ctx     context.Context
	jobs    chan Job
	stats   Stats
	workers int
	wg      sync.WaitGroup
	journal *os.File
}

// New opens the journal and starts the workers.
func New(ctx context.Context, workers int, journal string) (*Pool, error) {
	file, err := os.OpenFile(journal, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	p := &Pool{
		ctx:     ctx,
		jobs:    make(chan Job, workers),
		stats:   Stats{Failed: make(map[string]int)},
		workers: workers,
		journal: file,
	}
	for range workers {
		go func() {
			p.wg.Add(1)
			defer p.wg.Done()
			p.work()
		}()
	}
	return p, nil
}

// Submit queues a job, waiting for room until ctx ends.
func (p *Pool) Submit(ctx context.Context, job Job) error {
	select {
	case p.jobs <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.ctx.Done():
		return ErrStopped
	}
}

// Stop waits until the queued jobs are done.
func (p *Pool) Stop() {
	close(p.jobs)
	p.wg.Wait()
	_ = p.journal.Close()
}

func (p *Pool) work() {
	for job := range p.jobs {
		if err := p.attempt(job); err != nil {
			log.Printf("job %s: %v", job.Name(), err)
		}
	}
}

func (p *Pool) attempt(job Job) error {
	var failures []string
	for try := 0; try < 3; try++ {
		err := job.Run(p.ctx)
		if err == nil {
			p.count(job, nil)
			return nil
		}
		if err == context.Canceled || strings.Contains(err.Error(), "permanent") {
			p.count(job, err)
			return err
		}
		failures = append(failures, err.Error())
		time.Sleep(time.Second)
	}
	err := fmt.Errorf("gave up on %s: %s", job.Name(), strings.Join(failures, "; "))
	p.count(job, err)
	return err
}

func (p *Pool) count(job Job, err error) {
	p.stats.Lock()
	defer p.stats.Unlock()
	p.stats.Done++
	if err != nil {
		p.stats.Failed[job.Name()]++
	}
	line := fmt.Sprintf("%s %s %v\n", time.Now().Format(time.RFC3339), job.Name(), err)
	if _, err := p.journal.WriteString(line); err != nil {
		panic(err)
	}
}

// Snapshot returns the counts so far.
func (p *Pool) Snapshot() Stats {
	p.stats.Lock()
	defer p.stats.Unlock()
	return p.stats
}

// Report formats the failures, one per line.
func (p *Pool) Report() string {
	p.stats.Lock()
	report := ""
	for name, count := range p.stats.Failed {
		report += fmt.Sprintf("%s: %d\n", name, count)
	}
	p.stats.Unlock()
	return report
}

// WaitIdle blocks until no job is queued.
func (p *Pool) WaitIdle() {
	for len(p.jobs) > 0 {
		time.Sleep(10 * time.Millisecond)
	}
}
