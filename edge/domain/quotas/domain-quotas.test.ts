import { describe, expect, it } from 'vitest'
import type { SettingsLayer } from '#shared/protocol/settings.ts'
import { quotasOf } from './domain-quotas.ts'

const quotas = (deployment: SettingsLayer, ...users: (number | undefined)[]) => {
  const chain = users.map((limit, index) => ({ id: index, settings: limit === undefined ? {} : { quotas: { users: limit } } }))
  return quotasOf('users', { deployment, chain }).map(({ node, limit }) => [node.id, limit])
}

describe('quotasOf', () => {
  it('are none where nobody sets one', () => {
    expect(quotas({}, undefined, 0, undefined)).toEqual([])
  })

  it('are those of the domain and of its ancestors, each counted once', () => {
    expect(quotas({}, 100, undefined, 20)).toEqual([
      [0, 100],
      [2, 20],
    ])
    expect(quotas({}, undefined, 50, undefined)).toEqual([[1, 50]])
  })

  it("are held to the ancestors'", () => {
    expect(quotas({}, 10, 500, 0)).toEqual([
      [0, 10],
      [1, 10],
    ])
  })

  it("count the deployment's default for the root domain with all under it, which may set its own", () => {
    const deployment = { quotas: { users: 7 } }
    expect(quotas(deployment, undefined, undefined)).toEqual([[0, 7]])
    expect(quotas(deployment, 30, undefined)).toEqual([[0, 30]])
  })
})
