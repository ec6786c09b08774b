import { expect, test } from 'vitest'
import { readEventStream, type StreamedEvent } from './event-stream.ts'

async function read(chunks: readonly (string | Uint8Array)[]) {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk)
      controller.close()
    },
  })
  let heard = 0
  const events: StreamedEvent[] = []
  for await (const event of readEventStream(body, { heard: () => (heard += 1) })) events.push(event)
  return { events, heard }
}

test('events may be cut anywhere, inside a character too', async () => {
  const bytes = new TextEncoder().encode('event: greeting\ndata: {"name":"Zoë €"}\n\ndata: a\r\ndata: b\r\n\r\n')
  const whole = await read([bytes])
  const cut = await read(Array.from(bytes, (byte) => Uint8Array.of(byte)))
  expect(whole.events).toEqual([
    { event: 'greeting', data: '{"name":"Zoë €"}' },
    { event: 'message', data: 'a\nb' },
  ])
  expect(cut.events).toEqual(whole.events)
})

test('comments, unknown fields and an event that was cut off are no events, but are heard', async () => {
  const { events, heard } = await read([': keep-alive\n\n', 'id: 7\nretry: 1\n\n', 'data: unfinished\n'])
  expect(events).toEqual([])
  expect(heard).toBe(3)
})

test('a line without an end is not collected for ever', async () => {
  await expect(read([`data: ${'x'.repeat(5 * 1024 * 1024)}`])).rejects.toThrow(RangeError)
})
