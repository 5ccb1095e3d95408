// The same change of several topics.
import { ApiError } from "./client";

const waitMs = 1000;

/** One after the other; the broker takes so many changes a second, and is asked again when it says so. */
export async function forEachTopic<T>(topics: readonly string[], act: (topic: string, i: number) => Promise<T>): Promise<(T | ApiError)[]> {
  const outcomes: (T | ApiError)[] = [];
  for (const [i, topic] of topics.entries()) {
    for (;;) {
      try {
        outcomes.push(await act(topic, i));
      } catch (problem) {
        if (!(problem instanceof ApiError)) throw problem;
        if (problem.status === 429) {
          await new Promise((resolve) => setTimeout(resolve, waitMs));
          continue;
        }
        outcomes.push(problem);
      }
      break;
    }
  }
  return outcomes;
}
