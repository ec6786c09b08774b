import type { D1Database } from '@cloudflare/workers-types'
import { Hono } from 'hono'

/**
 * The least that a REST API on this runtime can be: a route that answers, the same with one row of the
 * database, and a page of a table. No accounts, no checks, nothing but Hono and D1.
 */
interface Row {
  readonly id: string
  readonly username: string
  readonly email: string
  readonly alias: string
}

const columns = 'id, username, email, alias'
const fixed: Row = { id: 'u1', username: 'alice', email: 'alice@bare.example', alias: 'Alice of the bare route' }

const app = new Hono<{ Bindings: { DB: D1Database } }>()
  .get('/plain', (c) => c.json(fixed))
  .post('/plain', async (c) => c.json(await c.req.json(), 201))
  .get('/row/:id', async (c) =>
    c.json(await c.env.DB.prepare(`select ${columns} from users where id = ?`).bind(c.req.param('id')).first<Row>()),
  )
  .post('/row', async (c) => {
    const { username } = await c.req.json<{ username: string }>()
    const row: Row = { ...fixed, id: crypto.randomUUID(), username }
    await c.env.DB.prepare(`insert into users (${columns}) values (?, ?, ?, ?)`).bind(row.id, row.username, row.email, row.alias).run()
    return c.json(row, 201)
  })
  .get('/rows', async (c) => {
    const page = c.env.DB.prepare(`select ${columns} from users where id > ? order by id limit ?`)
    const { results } = await page.bind(c.req.query('after') ?? '', Number(c.req.query('limit'))).all<Row>()
    return c.json(results)
  })
  .post('/seed', async (c) => {
    await c.env.DB.prepare('create table users (id text primary key, username text, email text, alias text)').run()
    await c.env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${Number(c.req.query('count'))})
       insert into users select printf('%08d', i), 'user-' || i, 'user-' || i || '@bare.example', 'User number ' || i from n`,
    ).run()
    return c.body(null, 204)
  })

// oxlint-disable-next-line import/no-default-export -- The runtime looks for it.
export default app
