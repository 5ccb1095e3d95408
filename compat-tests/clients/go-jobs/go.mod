module mambamq/jobs

go 1.26.0
