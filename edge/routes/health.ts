import { Hono } from 'hono'
import { ensureBootstrapped } from '#edge/services/bootstrap.ts'
import type { AppEnv } from './kit/app-env.ts'

/** 200 once the database is migrated and the first admin exists; before, 503 with the reason. */
export const healthRoutes = new Hono<AppEnv>().get('/healthz', async (c) => {
  await ensureBootstrapped(c.env)
  return c.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' })
})
