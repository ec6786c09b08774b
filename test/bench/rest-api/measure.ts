import autocannon from 'autocannon'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import { round, type Summary, summarize } from '../kit/statistics.ts'

export interface RequestFigures {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Load {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  /** `[<id>]` becomes something else in each request. */
  readonly body?: string
  readonly expect: number
  readonly connections: number
  readonly seconds: number
}

/** As many requests as so many connections get through. @throws where any answer is another than expected. */
export async function measureRequests({ url, method = 'GET', headers, body, expect, connections, seconds }: Load): Promise<RequestFigures> {
  const options = { url, method, connections, headers: { ...headers }, ...(body === undefined ? {} : { body, idReplacement: true }) }
  // What is loaded, compiled and cached at first is nobody's figure.
  await autocannon({ ...options, duration: 1 })
  const times: number[] = []
  const statuses = new Set<number>()
  const { errors, requests } = await new Promise<autocannon.Result>((resolve, reject) => {
    const done = (error: Error | null, result: autocannon.Result): void => (error === null ? resolve(result) : reject(error))
    autocannon({ ...options, duration: seconds }, done).on('response', (_client, status, _bytes, milliseconds) => {
      statuses.add(status)
      times.push(milliseconds)
    })
  })
  if (errors > 0 || [...statuses].some((status) => status !== expect))
    throw new Error(`${method} ${url}: ${errors} errors, statuses ${[...statuses].join(', ')}`)
  const { p50, p99 } = summarize(times, 2)
  return { requestsPerSecond: round(requests.average, 0), p50Ms: p50, p99Ms: p99 }
}

export interface ListFigures {
  readonly rows: number
  readonly pages: number
  readonly seconds: number
  readonly pageMs: Summary
  /** The last tenth of the pages beside the first: 1 where depth costs nothing. */
  readonly lastToFirst: number
}

/** Reads a whole list page by page; `next` names the page that follows, undefined after the last one. */
async function measureList(
  first: string,
  options: {
    headers?: Readonly<Record<string, string>>
    next: (response: Response, rows: readonly { id: string }[]) => string | undefined
  },
): Promise<ListFigures> {
  const times: number[] = []
  let rows = 0
  const startedAt = performance.now()
  for (let url: string | undefined = first; url !== undefined;) {
    const pageStartedAt = performance.now()
    const response: Response = await fetch(url, { headers: { ...options.headers } })
    if (response.status !== 200) throw new Error(`${url}: ${response.status}`)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- A bench reads its own peers.
    const page = (await response.json()) as { id: string }[]
    times.push(performance.now() - pageStartedAt)
    rows += page.length
    url = options.next(response, page)
  }
  const tenth = Math.max(1, Math.floor(times.length / 10))
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    rows,
    pages: times.length,
    seconds: round((performance.now() - startedAt) / 1000, 2),
    pageMs: summarize(times, 2),
    lastToFirst: round(mean(times.slice(-tenth)) / mean(times.slice(0, tenth)), 2),
  }
}

export const measureLinkedList = (url: string, headers: Readonly<Record<string, string>>): Promise<ListFigures> =>
  measureList(url, {
    headers,
    next: (response) => {
      const path = nextPage(response.headers.get('link'))
      return path === undefined ? undefined : new URL(path, url).href
    },
  })

export const measureBareList = (url: string, limit: number): Promise<ListFigures> =>
  measureList(`${url}?limit=${limit}`, {
    next: (_, page) => (page.length < limit ? undefined : `${url}?limit=${limit}&after=${page.at(-1)?.id ?? ''}`),
  })
