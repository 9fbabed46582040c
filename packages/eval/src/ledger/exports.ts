export { Ledger, type LedgerFile, type UnitFailure, type UnitRecord } from './ledger.js';
export { decodeLine, encodeLine, type Json } from './line.js';
export { lockRun, type RunLock } from './run-lock.js';
