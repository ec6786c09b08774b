import { z } from 'zod'

/** What the supervisor tells the edge process at each start, over IPC: it holds secrets. */
export const edgeOptionsSchema = z.object({
  listen: z.object({ host: z.string(), port: z.int().positive() }),
  /** Folder that `buildWorker` made. */
  workerFolder: z.string(),
  assetsFolder: z.string(),
  /** Where D1, R2 and Durable Objects are kept. */
  resourcesFolder: z.string(),
  temporaryFolder: z.string(),
  runFolder: z.string(),
  /** Variables and secrets of the Worker, beside those of wrangler.toml. */
  bindings: z.record(z.string(), z.string()),
})

export type EdgeOptions = z.infer<typeof edgeOptionsSchema>
