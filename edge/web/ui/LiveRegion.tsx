import { VisuallyHidden } from 'react-aria-components/VisuallyHidden'

/**
 * Text that is read out when it changes and never seen. It stays in the page while it is empty:
 * screen readers only notice changes of a region that was there before.
 */
export function LiveRegion({ politeness, children }: { politeness: 'polite' | 'assertive'; children: string }) {
  return (
    <VisuallyHidden>
      <div aria-live={politeness} aria-atomic="true" data-testid={`live-${politeness}`}>
        {children}
      </div>
    </VisuallyHidden>
  )
}
