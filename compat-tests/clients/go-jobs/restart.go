package jobs

import (
	"context"
	"time"
)

const (
	idempotentRecords    = 5000
	idempotentPartitions = 3
	outstandingMax       = 200
	sendEvery            = time.Millisecond
	restartAt            = idempotentRecords / 4
	killAt               = idempotentRecords / 2
)

// Send hands a numbered record to an idempotent producer, which calls `done` with its fate.
type Send func(partition int32, number int, done func(error))

// IdempotentRestart is the job of this name. `stored` are the numbers that a consumer reads then.
// Few records are outstanding, so that the restart and the kill come in the middle of all.
func IdempotentRestart(j *Job, send Send, stored func() map[int32][]int) {
	var acknowledged Acknowledged
	sent := make(chan error, 1)
	sending, stop := context.WithCancel(j)
	j.Cleanup(stop)
	go func() { sent <- sendAll(sending, send, &acknowledged) }()

	reached := func(count int) {
		j.Wait("records being acknowledged", func() bool { return acknowledged.Count() >= count })
	}
	reached(restartAt)
	j.Broker("restart")
	reached(killAt)
	j.Broker("kill")
	Check(Receive(j, "the last records being acknowledged", sent))
	acknowledged.OnceAndInOrder(stored())
}

func sendAll(context context.Context, send Send, acknowledged *Acknowledged) error {
	fates := make(chan error, idempotentRecords)
	outstanding := make(chan struct{}, outstandingMax)
	pace := time.NewTicker(sendEvery)
	defer pace.Stop()
	for number := range idempotentRecords {
		<-pace.C
		select {
		case outstanding <- struct{}{}:
		case <-context.Done():
			return context.Err()
		}
		partition := int32(number % idempotentPartitions)
		send(partition, number, func(err error) {
			if err == nil {
				acknowledged.Add(partition, number)
			}
			<-outstanding
			fates <- err
		})
	}
	for range idempotentRecords {
		select {
		case err := <-fates:
			if err != nil {
				return err
			}
		case <-context.Done():
			return context.Err()
		}
	}
	return nil
}
