import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { addressIn, platformAddressHeader } from '#edge/domain/entry/addresses.ts'
import type { Env } from '#edge/env.ts'

export type AddressEnv = Pick<Env, 'RINGWAY_ADDRESS_HEADER' | 'RINGWAY_ADDRESS_HOPS'>

const hopsSchema = z.coerce.number().int().min(1).max(16)

/** The client's address, canonical. Undefined: the configured header does not tell it (AUTH-4). */
export function addressOf(request: Pick<Request, 'headers'>, env: AddressEnv): string | undefined {
  const header = env.RINGWAY_ADDRESS_HEADER?.toLowerCase() ?? platformAddressHeader
  return addressIn(request.headers, { header, hops: hopsOf(env) })
}

function hopsOf({ RINGWAY_ADDRESS_HOPS: text }: AddressEnv): number {
  if (text === undefined) return 1
  const hops = hopsSchema.safeParse(text)
  if (!hops.success) throw new AppError('unavailable', { cause: new Error('RINGWAY_ADDRESS_HOPS is not a number from 1 to 16') })
  return hops.data
}
