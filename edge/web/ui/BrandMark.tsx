import { brand } from '../brand.ts'
import styles from './BrandMark.module.css'

/** Two parties around one point: the deployment's mark. Decoration beside its name. */
export function BrandMark({ size = 32 }: { size?: number }) {
  if (brand.logo !== undefined) return <img src={brand.logo} alt="" width={size} height={size} />
  return (
    <svg className={styles.mark} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="currentColor" />
      <g fill="none" stroke="white" strokeWidth="3.2" strokeLinecap="round">
        <path d="M8.6 18.6A7.9 7.9 0 0 1 18.6 8.6" />
        <path d="M23.4 13.4A7.9 7.9 0 0 1 13.4 23.4" />
      </g>
      <circle cx="16" cy="16" r="2.7" fill="white" />
    </svg>
  )
}
