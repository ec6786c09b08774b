import { expect, it } from 'vitest'
import { newPin } from './pin.ts'

const from = (...values: number[]) => newPin(() => values.shift() ?? 0)

it('has eight digits, zeros in front included', () => {
  expect(from(7)).toBe('00000007')
  expect(from(99_999_999)).toBe('99999999')
  expect(from(100_000_000)).toBe('00000000')
})

it('draws again where a remainder would be likelier than the others', () => {
  expect(from(4_200_000_000, 4_294_967_295, 4_199_999_999)).toBe('99999999')
})
