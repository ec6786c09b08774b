import styles from './Rings.module.css'

const radii = [70, 130, 190, 250, 310, 370]

/** The brand's mark, grown into a picture: arcs that turn slowly around one point. */
export function Rings() {
  return (
    <svg className={styles.rings} viewBox="-400 -400 800 800" preserveAspectRatio="xMidYMid slice">
      {radii.map((radius, index) => (
        <g key={radius} className={styles.turn} data-direction={index % 2 === 0 ? 'forward' : 'backward'} data-ring={index}>
          <circle className={styles.track} r={radius} />
          <circle
            className={styles.arc}
            r={radius}
            pathLength={360}
            strokeDasharray={`${String(105 - index * 9)} 360`}
            transform={`rotate(${String(index * 67 - 150)})`}
          />
          <circle
            className={styles.arc}
            r={radius}
            pathLength={360}
            strokeDasharray={`${String(64 - index * 5)} 360`}
            transform={`rotate(${String(index * 67 + 40)})`}
          />
        </g>
      ))}
      <circle className={styles.core} r="26" />
    </svg>
  )
}
