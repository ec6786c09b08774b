import { env } from '../api.ts'

/** From the environment of the tests (vitest.config.ts). */
const given = env as unknown as { readonly RINGWAY_FUZZ_SEED?: string; readonly RINGWAY_FUZZ_SECONDS?: string }

/** The same requests in every run, unless another seed is given. */
export const seed = Number(given.RINGWAY_FUZZ_SEED ?? '') || 20_261_120

/** For all operations together. */
export const seconds = Number(given.RINGWAY_FUZZ_SECONDS ?? '') || 25

/** What a refusal may change: notes of what was refused. */
export const notes = ['login_failures', 'unrecorded_login_failures', 'known_networks']
