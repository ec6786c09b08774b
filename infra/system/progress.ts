/** Takes one line of text for a human. */
export type Log = (line: string) => void

/** Says more about where a stage is, such as `17 of 27 files`. Shown with the next line of progress. */
export type ReportDetail = (detail: string) => void

const firstLineAfterMs = 1_000
const nextLineEveryMs = 5_000

/**
 * Runs a stage of set-up. Silent when it takes under a second; otherwise a line at one second, one every five
 * seconds, and one at its end, each with the elapsed seconds. Whole lines, so that it reads the same with and
 * without a terminal.
 */
export async function withProgress<T>(stage: string, log: Log, work: (detail: ReportDetail) => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const elapsed = (): string => `${Math.round((performance.now() - startedAt) / 1_000)} s`
  let detail = ''
  let shown = false
  let timer: NodeJS.Timeout
  const tick = (): void => {
    shown = true
    log(`${stage} … ${elapsed()}${detail === '' ? '' : ` (${detail})`}`)
    timer = setTimeout(tick, nextLineEveryMs)
  }
  timer = setTimeout(tick, firstLineAfterMs)
  try {
    const result = await work((text) => {
      detail = text
    })
    if (shown) log(`${stage}: done in ${elapsed()}`)
    return result
  } catch (error) {
    if (shown) log(`${stage}: failed after ${elapsed()}`)
    throw error
  } finally {
    clearTimeout(timer)
  }
}
