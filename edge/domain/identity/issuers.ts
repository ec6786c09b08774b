/**
 * Whether a login provider that is configured by one URL is the one that calls itself by the other. A slash
 * at the end makes no difference; and Microsoft's, which serve many tenants by one URL, name the tenant.
 */
export function isSameIssuer(configured: string, claimed: string): boolean {
  const [ours, theirs] = [URL.parse(configured), URL.parse(claimed)]
  if (ours === null || theirs === null) return configured === claimed
  if (ours.origin === theirs.origin && namesTenants(ours)) return true
  return withoutSlash(ours) === withoutSlash(theirs)
}

const namesTenants = ({ origin, hostname }: URL): boolean =>
  origin === 'https://login.microsoftonline.com' || hostname.endsWith('.b2clogin.com')

const withoutSlash = ({ href }: URL): string => href.replace(/\/$/, '')
