/** The platform opens at most six connections at a time. */
const parallel = 5

/** Asks other objects about each item, a few at a time; the answers are in the order of the items. */
export async function inTurns<Item, Answer>(items: readonly Item[], ask: (item: Item) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let start = 0; start < items.length; start += parallel)
    answers.push(...(await Promise.all(items.slice(start, start + parallel).map(ask))))
  return answers
}
