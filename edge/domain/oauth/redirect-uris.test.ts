import { describe, expect, it } from 'vitest'
import { isRegisteredRedirect } from './redirect-uris.ts'

const site = 'https://app.example/cb?x=1'

describe('a redirect URI', () => {
  it('of a site is compared letter by letter', () => {
    expect(isRegisteredRedirect(site, [site])).toBe(true)
    for (const other of [
      'https://app.example/cb',
      'https://app.example/cb?x=1&y=2',
      'https://app.example/cb?x=1#f',
      'https://app.example:443/cb?x=1',
      'https://APP.example/cb?x=1',
      'http://app.example/cb?x=1',
      'https://app.example/%63b?x=1',
      'https://app.example.evil.example/cb?x=1',
    ])
      expect(isRegisteredRedirect(other, [site])).toBe(false)
  })

  it.each(['http://127.0.0.1', 'http://[::1]', 'http://localhost'])('of a native app at %s may have any port (RFC 8252 §7.3)', (host) => {
    const registered = [`${host}/cb`, `${host}:8080/other`]
    for (const uri of [`${host}/cb`, `${host}:1/cb`, `${host}:65535/cb`, `${host}:9/other`])
      expect(isRegisteredRedirect(uri, registered)).toBe(true)
    for (const uri of [
      `${host}:1/cb/`,
      `${host}:1/CB`,
      `${host}:70000/cb`,
      `${host}:1@evil.example/cb`,
      `${host}.evil.example/cb`,
      `${host}:1.evil.example/cb`,
      `${host}:1\\@evil.example/cb`,
      `${host.replace('http', 'https')}:1/cb`,
    ])
      expect({ uri, known: isRegisteredRedirect(uri, registered) }).toEqual({ uri, known: false })
  })

  it('of one address of this machine is none of another', () => {
    expect(isRegisteredRedirect('http://localhost:1/cb', ['http://127.0.0.1/cb'])).toBe(false)
  })
})
