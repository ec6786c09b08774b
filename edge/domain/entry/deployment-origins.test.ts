import { describe, expect, it } from 'vitest'
import { parseDeploymentOrigins } from './deployment-origins.ts'

describe('parseDeploymentOrigins', () => {
  it('takes one host, or a list of hosts and patterns', () => {
    expect(parseDeploymentOrigins('domain1.com')('domain1.com')).toBe(true)
    const allowed = parseDeploymentOrigins('domain1.com|domain2.net|*.Acme.com')
    expect(['domain1.com', 'domain2.net', 'app.acme.com', 'a.b.acme.com'].every(allowed)).toBe(true)
    expect(['domain3.net', 'acme.com', 'domain1.com.evil.net', 'xdomain1.com'].some(allowed)).toBe(false)
  })

  it('takes a regular expression, which has to match the whole host', () => {
    const allowed = parseDeploymentOrigins(String.raw`app-\d+\.acme\.com|other\.net`)
    expect(['app-1.acme.com', 'APP-22.acme.com', 'other.net'].every(allowed)).toBe(true)
    expect(['app-x.acme.com', 'app-1.acme.com.evil.net', 'evil-other.net', 'app-1xacme.com'].some(allowed)).toBe(false)
  })

  it('refuses what is neither', () => {
    expect(() => parseDeploymentOrigins('(unclosed')).toThrow(SyntaxError)
  })
})
