// rdkafka-jobs JOB: one job of the client matrix (compat-tests/clients/README.md).

mod clients;
mod jobs;

use std::process::ExitCode;
use std::time::Duration;

const JOB_LIMIT: Duration = Duration::from_secs(110); // the matrix allows 120 s

#[tokio::main]
async fn main() -> ExitCode {
    let job = std::env::args().nth(1).unwrap_or_default();
    let outcome = tokio::time::timeout(JOB_LIMIT, jobs::run(&job)).await;
    let removed = clients::remove_all().await;
    let sentence = match outcome {
        Err(_) => format!("{job} still ran after {JOB_LIMIT:?}"),
        Ok(None) => format!("there is no job '{job}'"),
        Ok(Some(Err(failure))) => failure.to_string(),
        Ok(Some(Ok(note))) => match removed {
            Ok(()) => {
                println!("{note}");
                return ExitCode::SUCCESS;
            }
            Err(failure) => format!("removing topics and groups failed: {failure}"),
        },
    };
    println!("{sentence}");
    ExitCode::FAILURE
}
