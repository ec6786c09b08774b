import { createFront } from './front.ts'
import { frontOptionsSchema } from './front-options.ts'

/** The front as a child of the supervisor, which sends its options over IPC; ends when that channel closes. */
process.once('disconnect', () => process.exit(0))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0))
process.once('message', (message) => {
  const options = frontOptionsSchema.parse(message)
  createFront(options).listen({ ...options.listen, backlog: 1_024 }, () => process.send?.({ type: 'ready' }))
})
