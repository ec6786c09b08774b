import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deployment } from './deployment/Deployment.ts'
import type { Bench } from './kit/bench.ts'
import type { Cell, Report } from './kit/report.ts'
import { ratio } from './kit/statistics.ts'
import { packageVersions } from './kit/versions.ts'
import { BareHono } from './peers/bare-hono/BareHono.ts'
import { measureBareList, measureLinkedList, measureRequests, type ListFigures, type RequestFigures } from './rest-api/measure.ts'
import { seedUsers } from './rest-api/seed-users.ts'

const pageSize = 200

/** Requests of the REST API, of a bare Hono route, and of a bare Hono route with one statement of D1, all in workerd. */
export const restApi: Bench = {
  name: 'rest-api',
  summary: 'requests per second and delay of the REST API, and a list of 100 000 users, beside a bare Hono route in workerd',
  packages: [],
  run: async (context) => {
    const { quick, log, closing } = context
    const users = context.number('users', quick ? 2000 : 100_000)
    const load = { connections: context.number('connections', 8), seconds: context.number('seconds', quick ? 2 : 10) }

    const bareHono = await BareHono.start()
    closing.add(() => bareHono.stop())
    log('bare Hono: seeding')
    await fetch(`${bareHono.url}/seed?count=${users}`, { method: 'POST' })
    const json = { 'content-type': 'application/json' }
    log('bare Hono: measuring')
    const bare = {
      get: await measureRequests({ ...load, url: `${bareHono.url}/plain`, expect: 200 }),
      post: await measureRequests({
        ...load,
        url: `${bareHono.url}/plain`,
        method: 'POST',
        headers: json,
        body: '{"username":"new-[<id>]"}',
        expect: 201,
      }),
      getRow: await measureRequests({ ...load, url: `${bareHono.url}/row/00000001`, expect: 200 }),
      postRow: await measureRequests({
        ...load,
        url: `${bareHono.url}/row`,
        method: 'POST',
        headers: json,
        body: '{"username":"new-[<id>]"}',
        expect: 201,
      }),
      list: await measureBareList(`${bareHono.url}/rows`, pageSize),
    }
    await bareHono.stop()

    const stateDir = mkdtempSync(join(tmpdir(), 'ringway-bench-rest-'))
    closing.add(() => rmSync(stateDir, { recursive: true, force: true }))
    log('Ringway: a first start, which makes its database')
    await (await Deployment.start({ mediaPorts: '10000-10099', stateDir })).stop()
    seedUsers(stateDir, users)
    const deployment = await Deployment.start({ mediaPorts: '10000-10099', stateDir })
    closing.add(() => deployment.stop())
    const { adminToken, url } = deployment
    const user = await deployment.createUser('asker')
    const { access_token: userToken } = await deployment.passwordToken(user)
    const admin = { authorization: `Bearer ${adminToken}` }
    log('Ringway: measuring')
    const own = {
      authorization: await measureRequests({
        ...load,
        url: `${url}/sapi/users`,
        headers: { authorization: `Bearer ${userToken}` },
        expect: 403,
      }),
      get: await measureRequests({ ...load, url: `${url}/sapi/users/me`, headers: admin, expect: 200 }),
      post: await measureRequests({
        ...load,
        url: `${url}/sapi/users`,
        method: 'POST',
        headers: { ...admin, ...json },
        body: '{"domain":"default","username":"new-[<id>]","role":"user"}',
        expect: 201,
      }),
      list: await measureLinkedList(`${url}/sapi/users?limit=${pageSize}&q=bench-user`, admin),
      listAll: await measureLinkedList(`${url}/sapi/users?limit=${pageSize}`, admin),
    }
    await deployment.stop()
    return report({ quick, load, users, own, bare, commands: ['npm start', bareHono.commandLine] })
  },
}

interface Figures {
  readonly quick: boolean
  readonly load: { connections: number; seconds: number }
  readonly users: number
  readonly own: Readonly<Record<'authorization' | 'get' | 'post', RequestFigures>> & Readonly<Record<'list' | 'listAll', ListFigures>>
  readonly bare: Readonly<Record<'get' | 'post' | 'getRow' | 'postRow', RequestFigures>> & { readonly list: ListFigures }
  readonly commands: readonly string[]
}

function report({ quick, load, users, own, bare, commands }: Figures): Report {
  const request = (what: string, figures: RequestFigures, beside: RequestFigures): Cell[] => [
    what,
    figures.requestsPerSecond,
    figures.p50Ms,
    figures.p99Ms,
    ratio(figures.requestsPerSecond, beside.requestsPerSecond),
    ratio(figures.p99Ms, beside.p99Ms),
  ]
  const list = (what: string, figures: ListFigures): Cell[] => [
    what,
    figures.rows,
    figures.pages,
    figures.seconds,
    figures.pageMs.p50,
    figures.pageMs.p99,
    figures.lastToFirst,
    ratio(figures.seconds / figures.rows, bare.list.seconds / bare.list.rows),
  ]
  return {
    bench: 'rest-api',
    quick,
    method: [
      `${load.connections} connections send one request after the other for ${load.seconds} s, after one second that is not counted; the load comes from the same machine.`,
      'Authorization alone is a request that a verified token is not enough for. The GET reads one user, the POST makes one, as an admin;',
      `the bare ones answer the same members, once from memory and once by one statement of D1. Lists hold ${users} rows, read to the end by pages of ${pageSize}.`,
    ],
    versions: { ...packageVersions('miniflare', 'hono', 'autocannon'), node: process.version },
    commands,
    tables: [
      {
        title: 'Requests',
        columns: ['request', 'per second', 'p50 ms', 'p99 ms', 'rate to bare', 'p99 to bare'],
        rows: [
          request('bare Hono GET', bare.get, bare.get),
          request('bare Hono POST', bare.post, bare.post),
          request('bare Hono GET, one row of D1', bare.getRow, bare.get),
          request('bare Hono POST, one row of D1', bare.postRow, bare.post),
          request('Ringway, authorization alone', own.authorization, bare.get),
          request('Ringway GET /sapi/users/me', own.get, bare.get),
          request('  the same to bare Hono with D1', own.get, bare.getRow),
          request('Ringway POST /sapi/users', own.post, bare.post),
          request('  the same to bare Hono with D1', own.post, bare.postRow),
        ],
      },
      {
        title: 'Lists',
        columns: ['list', 'rows', 'pages', 'seconds', 'page p50 ms', 'page p99 ms', 'last tenth to first', 'per row to bare'],
        rows: [list('bare Hono and D1', bare.list), list('Ringway, all users', own.listAll), list('Ringway, those that match q', own.list)],
      },
    ],
    results: { load, users, own, bare },
    notes: [],
  }
}
