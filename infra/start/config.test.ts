import { describe, expect, it } from 'vitest'
import { parseStartConfig } from './config.ts'

const parse = (env: Record<string, string>) => parseStartConfig(env, { root: '/project' })

describe('parseStartConfig', () => {
  it('needs nothing', () => {
    expect(parse({})).toEqual({
      port: 8787,
      bind: '127.0.0.1',
      loopbackOnly: true,
      tls: undefined,
      stateDir: '/project/.ringway',
      defaultDomain: 'default',
      admin: 'admin@default',
      adminPassword: undefined,
      demo: true,
      mediaHosts: 1,
      mediaWorkers: undefined,
      mediaPorts: { min: 40_000, max: 40_399 },
      announcedAddress: undefined,
      logLevel: 'info',
      addressHeader: undefined,
      addressHops: undefined,
      corsOrigins: undefined,
      limitLoopback: false,
      oauthImplicit: false,
      oauthProviders: undefined,
      allowLoopbackUrls: false,
      buildWeb: true,
    })
  })

  it('takes an empty variable for an unset one', () => {
    expect(parse({ PORT: '', RINGWAY_DEMO: '', RINGWAY_ADMIN_PASSWORD: '' })).toEqual(parse({}))
  })

  it('puts the admin into the default domain unless told otherwise', () => {
    expect(parse({ RINGWAY_DEFAULT_DOMAIN: 'example.org' }).admin).toBe('admin@example.org')
    expect(parse({ RINGWAY_ADMIN: 'Root@Example.org' }).admin).toBe('root@example.org')
  })

  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['10.1.2.3', false],
    ['::', false],
  ])('knows whether %s is reached by this machine only: %s', (bind, loopbackOnly) => {
    expect(parse({ RINGWAY_BIND: bind, RINGWAY_ANNOUNCED_ADDRESS: '192.0.2.1' }).loopbackOnly).toBe(loopbackOnly)
  })

  it.each([
    ['PORT', 'http', 'PORT must be a port number'],
    ['PORT', '70000', 'PORT '],
    ['RINGWAY_BIND', 'localhost', 'RINGWAY_BIND must be an IP address'],
    ['RINGWAY_DEMO', 'maybe', 'RINGWAY_DEMO must be 0 or 1'],
    ['RINGWAY_ADMIN', 'root', 'RINGWAY_ADMIN must be name@domain'],
    ['RINGWAY_ADMIN_PASSWORD', 'short', 'RINGWAY_ADMIN_PASSWORD must have at least 8 characters'],
    ['RINGWAY_MEDIA_HOSTS', '0', 'RINGWAY_MEDIA_HOSTS '],
    ['RINGWAY_MEDIA_PORTS', '40000', 'RINGWAY_MEDIA_PORTS must be min-max'],
    ['RINGWAY_MEDIA_PORTS', '41000-40000', 'RINGWAY_MEDIA_PORTS must lie within'],
    ['RINGWAY_ANNOUNCED_ADDRESS', 'calls.example.org', 'RINGWAY_ANNOUNCED_ADDRESS must be an IP address'],
    ['RINGWAY_ADDRESS_HEADER', 'client ip', 'RINGWAY_ADDRESS_HEADER must be the name of a header'],
    ['RINGWAY_ADDRESS_HEADER', 'None', 'RINGWAY_ADDRESS_HEADER must be the name of a header'],
    ['RINGWAY_ADDRESS_HOPS', '0', 'RINGWAY_ADDRESS_HOPS '],
    ['RINGWAY_CORS_ORIGINS', '(app', 'RINGWAY_CORS_ORIGINS must be hosts'],
    ['RINGWAY_TLS_KEY', '/etc/hostname', 'RINGWAY_TLS_CERT is missing'],
    ['RINGWAY_TLS_CERT', '/etc/hostname', 'RINGWAY_TLS_KEY is missing'],
    ['RINGWAY_TLS_CERT', '/no/such/file', 'RINGWAY_TLS_CERT names a file that cannot be read'],
    ['RINGWAY_LOG_LEVEL', 'loud', 'RINGWAY_LOG_LEVEL must be one of'],
  ])('names %s when it is %s', (name, value, message) => {
    expect(() => parse({ [name]: value })).toThrow(message)
  })

  it('names all that is wrong at once, and no value', () => {
    const attempt = () => parse({ PORT: 'x', RINGWAY_ADMIN_PASSWORD: 'secret' })
    expect(attempt).toThrow(/PORT .*\n.*RINGWAY_ADMIN_PASSWORD/)
    expect(attempt).not.toThrow('secret')
  })

  it('refuses a certificate that is none', () => {
    expect(() => parse({ RINGWAY_TLS_CERT: '/etc/hostname', RINGWAY_TLS_KEY: '/etc/hostname' })).toThrow('holds no PEM certificate')
  })
})
