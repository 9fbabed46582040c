export { Ledger, type LedgerFile, type UnitFailure, type UnitRecord, type WorkDoneBy } from './ledger.js';
export { decodeLine, encodeLine, type Json } from './line.js';
export { lockRun, type RunLock } from './run-lock.js';
