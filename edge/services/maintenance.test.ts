import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { Logger, type LogRecord } from '#shared/log/logger.ts'
import { systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import { call, createDomain, env, startAnew } from '#edge/routes/testing/api.ts'
import { maintain } from './maintenance.ts'

it('does what it can where one of its steps fails, and says which', async () => {
  await startAnew()
  await call('/healthz')
  await createDomain('noted')
  await env.DB.prepare('update outgoing_events set delivered_at = null').run()
  await env.DB.prepare('alter table used_assertions rename to gone').run()
  const events: LogRecord[] = []
  const ctx = createExecutionContext()
  try {
    await maintain({
      env,
      db: database(env.DB),
      clock: systemClock,
      logger: new Logger({ sink: (event) => events.push(event) }),
      defer: (task) => ctx.waitUntil(task),
    })
  } finally {
    await env.DB.prepare('alter table gone rename to used_assertions').run()
  }
  await waitOnExecutionContext(ctx)
  expect(events.filter(({ event }) => event === 'maintenance.failed')).toMatchObject([{ step: 'expire' }])
  expect(await env.DB.prepare('select count(*) as n from outgoing_events where delivered_at is null').first<number>('n')).toBe(0)
})
