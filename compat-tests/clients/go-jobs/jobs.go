// Package jobs is what the Go clients of the matrix share: a job's environment and outcome, waits
// with a bound, and the judgement of what the clients have seen.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	exitFailed      = 1
	exitUnsupported = 77
	timeMax         = 110 * time.Second // below the runner's own bound, so that the reason is told
	patience        = 60 * time.Second
	pollEvery       = 20 * time.Millisecond
)

// Job is one run of one job. Its methods end the job by a panic, as testing.T does by Goexit;
// they belong to the goroutine that runs the job.
type Job struct {
	context.Context
	Bootstrap string
	prefix    string
	cleanups  []func()
}

type failure struct{ error }

type unsupported string

func (u unsupported) Error() string { return string(u) }

// Main runs the one of `bodies` that the command line names, "group-of-three" for groupOfThree, and
// exits with its outcome.
func Main(bodies ...func(*Job)) {
	jobs := make(map[string]func(*Job))
	for _, body := range bodies {
		jobs[jobName(body)] = body
	}
	if len(os.Args) != 2 || jobs[os.Args[1]] == nil {
		fmt.Printf("usage: %s JOB; it has no job %q\n", os.Args[0], os.Args[1:])
		os.Exit(exitFailed)
	}
	time.AfterFunc(timeMax+5*time.Second, func() {
		fmt.Println("the client library hangs: it did not return when its context had ended")
		os.Exit(exitFailed)
	})
	context, cancel := context.WithTimeout(context.Background(), timeMax)
	job := &Job{Context: context, Bootstrap: os.Getenv("BOOTSTRAP"), prefix: os.Getenv("PREFIX")}
	err := job.run(jobs[os.Args[1]])
	cancel()
	if err == nil {
		os.Exit(0)
	}
	fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
	if errors.As(err, new(unsupported)) {
		os.Exit(exitUnsupported)
	}
	os.Exit(exitFailed)
}

func jobName(body func(*Job)) string {
	path := runtime.FuncForPC(reflect.ValueOf(body).Pointer()).Name() // "main.groupOfThree"
	name := path[strings.LastIndex(path, ".")+1:]
	return strings.ToLower(regexp.MustCompile("[A-Z]").ReplaceAllString(name, "-$0"))
}

func (j *Job) run(body func(*Job)) error {
	err := outcome(func() { body(j) })
	for _, cleanup := range slices.Backward(j.cleanups) {
		if cleanupError := outcome(cleanup); err == nil {
			err = cleanupError
		}
	}
	return err
}

func outcome(body func()) (err error) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case failure:
			err = reason
		case unsupported:
			err = reason
		default:
			panic(reason)
		}
	}()
	body()
	return nil
}

// Cleanup has `cleanup` called at the end of the job, the last one first.
func (j *Job) Cleanup(cleanup func()) { j.cleanups = append(j.cleanups, cleanup) }

// Name is the name of a topic or group that belongs to this run alone.
func (j *Job) Name(what string) string { return j.prefix + "-" + what }

// Unsupported ends the job: the library has no such feature.
func (j *Job) Unsupported(reason string) { panic(unsupported(reason)) }

// Fail ends the job with a sentence.
func Fail(format string, arguments ...any) { panic(failure{fmt.Errorf(format, arguments...)}) }

// Check ends the job when `err` is not nil.
func Check(err error) {
	if err != nil {
		panic(failure{err})
	}
}

// Must is the value, and the end of the job when `err` is not nil.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Equal ends the job unless `got` is `want`.
func Equal[T comparable](what string, got, want T) {
	if got != want {
		Fail("%s: %v instead of %v", what, got, want)
	}
}

// Refused ends the job unless `err` is the error code `want`.
func Refused(what string, err, want error) {
	if !errors.Is(err, want) {
		Fail("%s: %v instead of %v", what, err, want)
	}
}

// Wait looks at `condition` until it holds.
func (j *Job) Wait(what string, condition func() bool) {
	deadline := time.Now().Add(patience)
	for !condition() {
		if j.Err() != nil || time.Now().After(deadline) {
			Fail("waited in vain for: %s", what)
		}
		time.Sleep(pollEvery)
	}
}

// Receive is the next value of `channel`.
func Receive[T any](j *Job, what string, channel <-chan T) T {
	select {
	case value := <-channel:
		return value
	case <-j.Done():
		Fail("waited in vain for: %s", what)
		panic("not reached")
	}
}

// Broker has the broker restarted ("restart") or killed and started again ("kill").
func (j *Job) Broker(action string) {
	output, err := exec.CommandContext(j, os.Getenv("BROKER_CONTROL"), action).CombinedOutput()
	if err != nil {
		Fail("BROKER_CONTROL %s: %v: %s", action, err, output)
	}
}
