import { beforeEach, expect, it } from 'vitest'
import { call, createDomain, createUser, expectJson, startAnew, tokenOf } from './testing/api.ts'

beforeEach(startAnew)

it("are the domain's services with its rules, and the user's own rules", async () => {
  await createDomain('a', { capabilities: ['+whiteboard', '-call-history'], services: { login: [], callcontrol: [], oauth2client: [] } })
  await createUser('a', 'alice', { capabilities: ['+c2cagent', '-chat'] })
  for (const path of ['/sapi/capabilities', '/sapi/capabilities/', '/wac/sapi/capabilities/']) {
    expect(await expectJson(await call(path, { token: await tokenOf('alice@a') }), 200)).toEqual({
      domain: ['callcontrol', 'credentials', 'login', 'login-token', 'sessions', 'whiteboard'],
      user: ['+c2cagent', '-chat'],
    })
  }
})
