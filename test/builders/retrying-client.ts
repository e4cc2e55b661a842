/** A client that retries as MLflow's does: a POST too, after 429 and 5xx, up to seven times. */
export async function asked<Answer extends { status: number }>(call: () => Promise<Answer>): Promise<Answer> {
  for (let retry = 0; ; retry++) {
    const answer = await call();
    if (answer.status < 500 && answer.status !== 429) return answer;
    if (retry === 7) throw new Error(`gave up: ${JSON.stringify(answer)}`);
  }
}
