import { z } from 'zod'

/** What the supervisor tells the front at each start, over IPC: it holds a private key. */
export const frontOptionsSchema = z.object({
  listen: z.object({ host: z.string(), port: z.int().positive() }),
  upstream: z.object({ host: z.string(), port: z.int().positive() }),
  /** PEM. Absent: plain HTTP. */
  tls: z.object({ cert: z.string(), key: z.string() }).optional(),
  /** In lower case: what a proxy before the front tells of the client's address, passed on as it came. */
  addressHeader: z.string().optional(),
})

export type FrontOptions = z.infer<typeof frontOptionsSchema>
