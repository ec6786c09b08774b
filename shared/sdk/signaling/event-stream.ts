export interface StreamedEvent {
  /** `message` where the stream names none. */
  readonly event: string
  readonly data: string
}

/** A line longer than this is no message of ours. */
const maxLine = 4 * 1024 * 1024

/**
 * Server-sent events of a fetched body (HTML, "Interpreting an event stream"). Needed because the
 * browsers' own EventSource takes no headers. `heard` is called for everything that arrives, comments included.
 */
export async function* readEventStream(body: ReadableStream<Uint8Array>, options: { heard: () => void }): AsyncGenerator<StreamedEvent> {
  let event = ''
  let data: string[] = []
  for await (const line of readLines(body, options.heard)) {
    if (line === '') {
      if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n') }
      event = ''
      data = []
      continue
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
}

async function* readLines(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      heard()
      rest += decoder.decode(value, { stream: true })
      const lines = rest.split(/\r\n|\n/)
      rest = lines.pop() ?? ''
      if (rest.length > maxLine) throw new RangeError('A line of the event stream is too long')
      yield* lines
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
