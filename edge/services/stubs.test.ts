import { describe, expect, it } from 'vitest'
import { objectNamed } from './stubs.ts'

/** A namespace in so far as names are looked up in it; only Cloudflare itself has jurisdictions. */
function namespace(label: string, jurisdiction: (name: string) => unknown) {
  const made = { getByName: (name: string) => `${label}/${name}`, jurisdiction }
  return made as unknown as DurableObjectNamespace<Rpc.DurableObjectBranded>
}

const unsupported = new Error('Jurisdiction restrictions are not implemented in workerd.')

describe('objectNamed', () => {
  it('looks where the jurisdiction says', () => {
    const world = namespace('world', (name) => namespace(name, () => undefined))
    expect(objectNamed(world, 'u:1')).toBe('world/u:1')
    expect(objectNamed(world, 'u:1', {})).toBe('world/u:1')
    expect(objectNamed(world, 'u:1', { jurisdiction: 'eu' })).toBe('eu/u:1')
  })

  it('stays on the machine where the runtime knows no jurisdictions', () => {
    const machine = namespace('machine', () => {
      throw unsupported
    })
    expect(objectNamed(machine, 'u:1', { jurisdiction: 'eu' })).toBe('machine/u:1')
  })

  it('does not leave a jurisdiction because of any other failure', () => {
    const broken = namespace('world', () => {
      throw new Error('Jurisdictions are not available now.')
    })
    expect(() => objectNamed(broken, 'u:1', { jurisdiction: 'eu' })).toThrow('not available now')
  })
})
