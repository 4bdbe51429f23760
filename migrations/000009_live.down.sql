DROP TRIGGER working_copies_update_tell ON working_copies;
DROP TRIGGER working_copies_insert_tell ON working_copies;
DROP FUNCTION working_copies_tell;
