import { secretBox, type SecretBox } from '#edge/auth/secret-box.ts'
import type { Env } from '#edge/env.ts'

/** Seals the passwords of SIP mappings, each under the id of its mapping. */
export const sipMappingBox = (env: Pick<Env, 'RINGWAY_MASTER_KEY'>): Promise<SecretBox> => secretBox(env.RINGWAY_MASTER_KEY, 'sip mappings')
