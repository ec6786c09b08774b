/**
 * Runs `work` for 0..count-1, so many at a time; gives the results in order. After a failure nothing new
 * is begun, and it rejects once what had begun is over.
 */
export async function inParallel<T>(count: number, atOnce: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  const failures: unknown[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count && failures.length === 0; index = next++) {
      try {
        results[index] = await work(index)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
