import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Buffer } from '#edge/buffer.ts'
import { identify } from './identify.ts'
import { noteRevoked } from './revocations.ts'
import { secretBox } from './secret-box.ts'
import { tokenService } from './tokens.ts'
import { forgetIsolate } from '../routes/testing/forget.ts'
import { env } from '../routes/testing/api.ts'

const subject = {
  userId: 'u1',
  domainId: 'd1',
  role: 'user',
  loginId: 'l1',
  username: 'alice@a',
  displayName: 'Alice',
  jurisdiction: 'eu',
} as const
const options = { issuer: 'https://edge.example', lifetime: 3600 }
const tokens = tokenService(env)

let now = Date.parse('2026-11-20T12:00:00Z')
const clock = { now: () => now }
const clocked = tokenService(env, { clock })

beforeEach(async () => {
  now = Date.parse('2026-11-20T12:00:00Z')
  await env.DB.batch([env.DB.prepare('delete from signing_keys'), env.DB.prepare('delete from revocations')])
  forgetIsolate()
})
afterEach(forgetIsolate)

describe('access tokens', () => {
  it('say who they speak for', async () => {
    const { token, expiresAt } = await tokens.signAccessToken(subject, options)
    expect(await tokens.verifyAccessToken(token, 'sapi')).toEqual({ ...subject, tokenExpiresAt: expiresAt })
  })

  it('cost no database read once the isolate is warm', async () => {
    const { token } = await tokens.signAccessToken(subject, options)
    await tokens.verifyAccessToken(token, 'sapi')
    const cold = { ...env, DB: unreachable }
    expect((await tokenService(cold).verifyAccessToken(token, 'sapi')).userId).toBe('u1')
  })

  it('expire', async () => {
    const { token } = await clocked.signAccessToken(subject, options)
    now += 3_600_000
    await expect(clocked.verifyAccessToken(token, 'sapi')).rejects.toMatchObject({ code: 'tokenExpired' })
  })

  it('are good in an isolate that starts later, with the keys of the database', async () => {
    const { token } = await tokens.signAccessToken(subject, options)
    forgetIsolate()
    expect((await tokens.verifyAccessToken(token, 'sapi')).userId).toBe('u1')
  })

  it('of another issuer are refused where one is configured', async () => {
    const configured = tokenService({ ...env, RINGWAY_ISSUER: 'https://calls.acme.com/' })
    const { token } = await tokens.signAccessToken(subject, options)
    await expect(configured.verifyAccessToken(token, 'sapi')).rejects.toMatchObject({ code: 'unauthenticated' })
    const own = await tokens.signAccessToken(subject, { ...options, issuer: 'https://calls.acme.com' })
    expect((await configured.verifyAccessToken(own.token, 'sapi')).userId).toBe('u1')
  })

  it('are refused when forged, altered or nonsense', async () => {
    const { token } = await tokens.signAccessToken(subject, options)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const raised = Buffer.from(JSON.stringify({ ...claims, role: 'platform-admin' })).toString('base64url')
    const { privateKey } = await generateKeyPair('ES256')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(privateKey)
    const unknownKey = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'other' }).sign(privateKey)
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
      .sign(new TextEncoder().encode('x'.repeat(32)))
    const unsigned = new UnsecuredJWT(claims).encode()
    for (const bad of [
      `${header}.${raised}.${signature}`,
      forged,
      unknownKey,
      hmac,
      unsigned,
      `${header}.${payload}.`,
      '',
      'a.b.c',
      'x'.repeat(9000),
    ]) {
      await expect(tokens.verifyAccessToken(bad, 'sapi')).rejects.toMatchObject({ code: 'unauthenticated' })
    }
  })

  it('are refused once their login is revoked, in this isolate at once', async () => {
    const { token } = await tokens.signAccessToken(subject, options)
    await tokens.verifyAccessToken(token, 'sapi')
    noteRevoked([{ loginId: 'l1', expiresAt: Date.now() + 3_600_000 }])
    await expect(tokens.verifyAccessToken(token, 'sapi')).rejects.toMatchObject({ code: 'tokenRevoked' })
  })

  it('are refused within a minute when another isolate revoked them', async () => {
    const { token } = await clocked.signAccessToken(subject, options)
    await clocked.verifyAccessToken(token, 'sapi')
    await insertRevocation('l1', now)
    now += 60_000
    await expect(clocked.verifyAccessToken(token, 'sapi')).rejects.toMatchObject({ code: 'tokenRevoked' })
  })

  it('are not taken on trust when the list of revocations is older than that and cannot be fetched', async () => {
    const { token } = await clocked.signAccessToken(subject, options)
    await clocked.verifyAccessToken(token, 'sapi')
    const cut = tokenService({ ...env, DB: unreachable }, { clock })
    now += 30_000
    expect((await cut.verifyAccessToken(token, 'sapi')).userId).toBe('u1')
    now += 30_000
    await expect(cut.verifyAccessToken(token, 'sapi')).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('tickets', () => {
  const grant = { room: 'r:d1:x', jurisdiction: 'eu', ttlSeconds: 60 } as const

  it('say who may reach which room', async () => {
    const room = await tokens.verifyRoomTicket(await tokens.signRoomTicket({ userId: 'u1', ...grant }))
    expect(room).toMatchObject({ sub: 'u1', room: 'r:d1:x', jurisdiction: 'eu', aud: 'ringway:room' })
    const host = await tokens.verifyHostTicket(await tokens.signHostTicket({ hostId: 'h1', room: 'r:d1:x', ttlSeconds: 60 }))
    expect(host).toMatchObject({ sub: 'h1', room: 'r:d1:x', aud: 'ringway:host' })
    expect(host.jurisdiction).toBeUndefined()
  })

  it('expire', async () => {
    const ticket = await clocked.signRoomTicket({ userId: 'u1', ...grant })
    now += 60_000
    await expect(clocked.verifyRoomTicket(ticket)).rejects.toMatchObject({ code: 'tokenExpired' })
  })

  it('of one kind are none of another, nor access tokens', async () => {
    const access = (await tokens.signAccessToken(subject, options)).token
    const room = await tokens.signRoomTicket({ userId: 'u1', ...grant })
    const host = await tokens.signHostTicket({ hostId: 'u1', ...grant })
    const verifiers = {
      access: (token: string) => tokens.verifyAccessToken(token, 'sapi'),
      room: tokens.verifyRoomTicket,
      host: tokens.verifyHostTicket,
    }
    for (const [kind, verify] of Object.entries(verifiers)) {
      for (const [other, token] of Object.entries({ access, room, host })) {
        if (kind !== other) await expect(verify(token), `${other} as ${kind}`).rejects.toMatchObject({ code: 'unauthenticated' })
      }
    }
  })
})

describe('signing keys', () => {
  it('are two, public, and the same for isolates that start at once', async () => {
    const sets = await Promise.all([1, 2, 3].map(() => tokens.publicKeys()))
    expect(sets[0]?.keys).toHaveLength(2)
    expect(sets[1]).toEqual(sets[0])
    expect(sets[2]).toEqual(sets[0])
    for (const key of sets[0]?.keys ?? []) expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })

  it('are stored sealed', async () => {
    await tokens.publicKeys()
    const { results } = await env.DB.prepare('select * from signing_keys').all()
    expect(results).toHaveLength(2)
    for (const row of results) {
      expect(row['public_jwk']).not.toContain('"d"')
      expect(row['sealed_private_jwk']).toMatch(/^v1\.[\w-]{16}\.[\w-]{200,}$/)
    }
  })

  it('change, while tokens of the one before stay good until they expire', async () => {
    const day = 24 * 3_600_000
    const first = (await clocked.publicKeys()).keys.map((key) => key.kid)
    now += 30 * day - 1_000
    const { token } = await clocked.signAccessToken(subject, { ...options, lifetime: 86_400 })
    now += 2_000
    forgetIsolate()
    const { token: later } = await clocked.signAccessToken(subject, options)
    expect([kidOf(token), kidOf(later)]).toEqual(first)
    now += day - 5_000
    expect((await clocked.verifyAccessToken(token, 'sapi')).userId).toBe('u1')
    now += 2 * day
    forgetIsolate()
    const second = (await clocked.publicKeys()).keys.map((key) => key.kid)
    expect(second).toHaveLength(2)
    expect(second).toContain(first[1])
    expect(second).not.toContain(first[0])
  })

  it('that another isolate has made meanwhile are found, at most every few seconds', async () => {
    await clocked.publicKeys()
    const kid = 'made-elsewhere'
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
    const sealed = await (await secretBox(env.RINGWAY_MASTER_KEY, 'signing keys')).seal(JSON.stringify(await exportJWK(privateKey)), kid)
    await env.DB.prepare('insert into signing_keys (slot, kid, public_jwk, sealed_private_jwk, activates_at) values (3, ?, ?, ?, ?)')
      .bind(kid, JSON.stringify(await exportJWK(publicKey)), sealed, now)
      .run()
    const claims = { sub: 'h1', aud: 'ringway:host', room: 'r', exp: now / 1000 + 60 }
    const ticket = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'ringway-host+jwt', kid }).sign(privateKey)
    await expect(clocked.verifyHostTicket(ticket)).rejects.toMatchObject({ code: 'unauthenticated' })
    now += 5_000
    expect((await clocked.verifyHostTicket(ticket)).sub).toBe('h1')
  })
})

describe('identify', () => {
  it('takes the token from the header or from the subprotocols', async () => {
    const { token } = await tokens.signAccessToken(subject, options)
    const requests = [
      { authorization: `Bearer ${token}` },
      { authorization: `bearer  ${token}` },
      { 'sec-websocket-protocol': `ringway.v1, bearer.${token}` },
    ]
    for (const headers of requests) {
      expect((await identify(new Request('https://edge.example/', { headers: new Headers(Object.entries(headers)) }), env)).userId).toBe(
        'u1',
      )
    }
  })

  it.each([
    {},
    { authorization: 'Bearer' },
    { authorization: 'Basic abc' },
    { authorization: 'Bearer a b' },
    { 'sec-websocket-protocol': 'ringway.v1' },
  ])('refuses %j', async (headers) => {
    const request = new Request('https://edge.example/', { headers: new Headers(Object.entries(headers)) })
    await expect(identify(request, env)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

/** A database that is not there: every use fails. */
const unreachable = new Proxy(env.DB, {
  get() {
    throw new Error('The database was used')
  },
})

const insertRevocation = (loginId: string, revokedAt: number) =>
  env.DB.prepare(
    'insert into revocations (login_id, user_id, jurisdiction, revoked_at, expires_at, hub_pending) values (?, ?, null, ?, ?, 0)',
  )
    .bind(loginId, 'u1', revokedAt, revokedAt + 3_600_000)
    .run()
