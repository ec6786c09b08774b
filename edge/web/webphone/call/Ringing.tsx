import { useI18n } from '../../i18n/I18n.tsx'
import { Avatar } from '../../ui/Avatar.tsx'
import styles from './Ringing.module.css'

/** Who is being called. */
export function Ringing({ people, text }: { people: readonly { username: string; displayName: string }[]; text?: string }) {
  const { t } = useI18n()
  const names = people.map((person) => person.displayName).join(', ')
  return (
    <div className={styles.ringing}>
      <div className={styles.faces}>
        {people.slice(0, 3).map((person) => (
          <Avatar key={person.username} name={person.displayName} identity={person.username} size="xl" ringing />
        ))}
      </div>
      <h2 className={styles.name}>{names}</h2>
      <p className={styles.text}>{text ?? t('call.ringing')}</p>
    </div>
  )
}
