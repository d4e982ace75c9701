// A lock that is taken and not given back before a return, and one that is taken twice: what Coccinelle is measured by.

@leak exists@
expression E;
@@

(
* mutex_lock(E);
|
* spin_lock(E);
|
* down_read(E);
|
* down_write(E);
)
... when != mutex_unlock(E)
    when != spin_unlock(E)
    when != up_read(E)
    when != up_write(E)
* return ...;

@twice exists@
expression E;
@@

(
* mutex_lock(E);
... when != mutex_unlock(E)
* mutex_lock(E);
|
* spin_lock(E);
... when != spin_unlock(E)
* spin_lock(E);
)
