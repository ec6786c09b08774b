import { expect, it } from 'vitest'
import { EpochGate } from './EpochGate.ts'

it('refuses an epoch lower than the highest seen and adopts a higher one', () => {
  const gate = new EpochGate(3)
  gate.admit(3)
  gate.admit(7)
  gate.admit(7)
  expect(() => gate.admit(6)).toThrow(expect.objectContaining({ code: 'staleEpoch', context: { highest: 7 } }))
  expect(gate.highest).toBe(7)
})
