import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll } from 'vitest'
import type { Env } from '#edge/env.ts'

const { WEBHOOK } = env as unknown as Env

/** An alarm that fires between two files finds no code to run, and holds up the next file for good. */
afterAll(async () => {
  for (const id of await listDurableObjectIds(WEBHOOK)) await runInDurableObject(WEBHOOK.get(id), (_, { storage }) => storage.deleteAlarm())
})
