from django.db import migrations

# The triggers that call it are made after every migrate (keywork.final.keep_from_emptying): most tables come later.
KEPT = """
CREATE FUNCTION keywork_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('keywork.emptying', true), '') <> 'on' THEN
        RAISE EXCEPTION 'keywork: % stays as it is and cannot be emptied', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("keywork", "0023_accounts_without_address")]
    operations = [migrations.RunSQL(KEPT, "DROP FUNCTION keywork_kept() CASCADE")]
