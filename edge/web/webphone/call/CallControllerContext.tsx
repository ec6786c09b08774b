import { createContext, useContext } from 'react'
import type { CallController } from '../state/CallController.ts'

/** The call that is being shown. */
export const CallControllerContext = createContext<CallController | null>(null)

export function useCallController(): CallController {
  const controller = useContext(CallControllerContext)
  if (controller === null) throw new TypeError('useCallController needs a CallControllerContext around it')
  return controller
}
