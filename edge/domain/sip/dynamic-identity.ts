import type { Settings } from '#shared/protocol/settings.ts'

/** Who a visitor, who has no mapping, is in the SIP network (SIPMAP-1). */
export const dynamicSipIdentity = (userId: string, { dynamicMappingPrefix, dynamicMappingDomain }: Settings['sip']): string =>
  `${dynamicMappingPrefix}${userId}@${dynamicMappingDomain}`
